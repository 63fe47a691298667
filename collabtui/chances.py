"""How a chance is said, by every answer and every face."""


def percent(share: float) -> str:
    """A share of one as a percentage; what is nearly none or nearly all is not said to be certain."""
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 < share < 1 else f"{share * 100:.0f} %"
