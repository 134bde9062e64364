"""The system's libraries that PDF documents need; without them everything else works."""

import ctypes

# What WeasyPrint opens at run time: (library, Debian's package).
DOCUMENT_LIBRARIES = (
    ("libgobject-2.0.so.0", "libglib2.0-0"),
    ("libpango-1.0.so.0", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
    ("libharfbuzz.so.0", "libharfbuzz0b"),
    ("libfontconfig.so.1", "libfontconfig1"),
)


def document_trouble(wanted: tuple[tuple[str, str], ...] = DOCUMENT_LIBRARIES) -> str | None:
    """The sentence about the libraries that the system lacks and the command that brings them."""
    missing = [(library, package) for library, package in wanted if not is_loadable(library)]
    if not missing:
        return None
    libraries = ", ".join(library for library, _ in missing)
    packages = " ".join(package for _, package in missing)
    return f"Не будет документов PDF, не хватает библиотек: {libraries}. Поставьте их: apt-get install {packages}"


def is_loadable(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
