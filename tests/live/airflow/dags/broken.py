"""Never loads: it gives the server an import error to tell."""

import no_such_module_for_import_error  # noqa: F401
