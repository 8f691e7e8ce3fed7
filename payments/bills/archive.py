"""A bill's ZIP: opened within bounds, its members told by their first line, never by their place or name."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from django.utils.translation import gettext as _

from .refusals import BillRefused

MAX_ARCHIVE = 64 * 2**20
MAX_MEMBERS = 10
MAX_TEXT = 512 * 2**20  # all members together, unpacked: well above a million lines
MAX_RATIO = 200  # bills pack 5 to 20 times; above this it is a bomb
MAX_LINE = 20_000  # letters
NAMES = "gbk"  # names are GBK without the flag of UTF-8
TEXT = "gb18030"  # the superset of GBK: names of people may need it
BOM = b"\xef\xbb\xbf"


@contextmanager
def open_archive(file: IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """Open a bill's ZIP; refuses what is none, too large, or packed beyond belief. Nothing is unpacked yet."""
    file.seek(0, io.SEEK_END)
    if file.tell() > MAX_ARCHIVE:
        raise BillRefused(_("文件超过 64 MB，不像一天的账单。"))
    file.seek(0)
    try:
        archive = zipfile.ZipFile(file, metadata_encoding=NAMES)
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError, ValueError, OSError) as error:
        raise BillRefused(_("这不是支付宝的账单压缩包（ZIP）。")) from error
    with archive:
        members = archive.infolist()
        if not 1 <= len(members) <= MAX_MEMBERS:
            raise BillRefused(_("压缩包里应有明细和汇总两个文件，这里有 %(count)s 个。") % {"count": len(members)})
        if sum(one.file_size for one in members) > MAX_TEXT:
            raise BillRefused(_("压缩包展开后超过 512 MB，不予展开。"))
        for one in members:
            if one.file_size > MAX_RATIO * max(one.compress_size, 4096):
                raise BillRefused(_("压缩比高得不合常理，不予展开。"), file=one.filename)
        yield archive


def lines_of(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[str]:
    """Yield a member's lines as text, one at a time; refuses what is no text of Alipay's or does not unpack whole."""
    try:
        with archive.open(member) as raw:
            is_utf8 = raw.read(len(BOM)) == BOM
        with archive.open(member) as raw, io.TextIOWrapper(raw, "utf-8-sig" if is_utf8 else TEXT, newline="") as text:
            while line := text.readline(MAX_LINE):
                if len(line) == MAX_LINE:
                    raise BillRefused(_("有一行超过 2 万字。"), file=member.filename)
                yield line
    except UnicodeDecodeError as error:
        raise BillRefused(_("文字不是 GBK 编码。"), file=member.filename) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        # RuntimeError is how zipfile says that a member is encrypted.
        raise BillRefused(_("文件损坏或加密，无法展开。"), file=member.filename) from error
