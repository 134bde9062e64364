"""Starts one program so that it cannot outlive the process that asked for it.

Runs alone (`python -I -S launch.py …`), knows only the standard library and replaces itself by the program:
nothing of it stays. PR_SET_PDEATHSIG is cleared by every change of credentials, hence the order below.
"""

import ctypes
import os
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
NOBODY = 65534


def enter_user_namespace(libc: ctypes.CDLL) -> bool:
    """Be root outside and nobody inside: PostgreSQL refuses uid 0, files stay ours."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWUSER) != 0:
        return False
    for name, line in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)
    return True


def become_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def main() -> None:
    parent, signal, identity = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    libc = ctypes.CDLL(None, use_errno=True)
    if identity == "namespace" and not enter_user_namespace(libc):
        sys.exit(126)
    if identity == "nobody":
        become_nobody()
    libc.prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(125)
    os.execv(sys.argv[4], sys.argv[4:])


if __name__ == "__main__":
    main()
