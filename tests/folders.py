"""What a folder holds, to be compared with what it held before."""


def content(folder):
    """Path in the folder -> (inode, bytes) of a file, False of a folder."""
    return {path.relative_to(folder): path.is_file() and (
        path.stat().st_ino, path.read_bytes()) for path in folder.rglob("*")}
