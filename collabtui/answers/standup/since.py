"""Since when something is called a change: the last stand-up, or what somebody wrote."""

from datetime import UTC, datetime, tzinfo

from collabtui.config import Settings, duration, zone
from forecasting.workdays import Place, last_workday


def last_standup(settings: Settings, now: datetime) -> datetime:
    """The stand-up of the last working day before today: during today's and after it, too.

    Working days are those of the config's country; without one, Monday to Friday.
    """
    where = _zone(settings)
    place = Place(settings.country, settings.region) if settings.country else None
    day = last_workday(now.astimezone(where).date(), place)
    return datetime.combine(day, settings.standup, tzinfo=where).astimezone(UTC)


def since_of(text: str, settings: Settings, now: datetime) -> datetime:
    """What is meant by a length of time ("2d", "36h"), a day or a time of a day ("2026-03-09 09:15", in the viewer's
    zone). Raises `ValueError`.
    """
    try:
        return now - duration(text)
    except (ValueError, OverflowError):
        at = _time(text, _zone(settings))
    if at > now:
        raise ValueError(f"{text!r} is still to come")
    return at


def _time(text: str, where: tzinfo | None) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=where)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is neither a length of time such as '2d' nor a time such as '2026-03-09 09:15'"
        ) from None


def _zone(settings: Settings) -> tzinfo | None:
    """The viewer's zone; None is the system's, as in `datetime.astimezone`."""
    return zone(settings.timezone) if settings.timezone else None
