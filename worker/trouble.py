"""What the person at the terminal must mend, told in one sentence instead of a traceback."""

import errno


class Trouble(Exception):
    """Stops the command; its text is the whole message."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def disk_trouble(error: OSError) -> Trouble | None:
    """The sentence for a full or read-only disk, None for any other error."""
    where = error.filename or "./var"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(f"На диске нет места ({where}): освободите место и запустите снова.")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return Trouble(f"Нет права писать в {where}: дайте это право или укажите другую папку (--var ПАПКА).")
    if error.errno in (errno.ENOENT, errno.ENOTDIR) and error.filename:
        return Trouble(f"Нет такой папки или файла: {where}. Создайте её или укажите другую.")
    return None
