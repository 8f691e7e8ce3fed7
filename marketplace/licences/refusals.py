"""The refusals of the licence library: what an action that needs it says when it does not help."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marketplace.core.refusals import Refused


class LibraryUnavailable(Refused):
    """The library is down, slow, or does not answer as agreed (library_unavailable), or there is none (library_absent)."""

    status = 503

    def __init__(self, code: str = "library_unavailable") -> None:
        words = _("电子证照库暂时无法使用，您填写的内容都已保留。您可以先手工填写，平台稍后会自动核对。")
        if code == "library_absent":
            words = _("本平台还没有连接电子证照库，请手工填写。")
        super().__init__(code, words)


class LicenceUnknown(Refused):
    """The library does not know the identifier."""

    status = 404

    def __init__(self) -> None:
        super().__init__(
            "licence_unknown", _("电子证照库里没有这个证照标识，请核对，或改为上传证书。"), field="identifier"
        )


class OtherHolder(Refused):
    """The licence is somebody else's."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "licence_other_holder",
            _("这份证照的持证主体不是所填的单位或个人，请核对证照标识。"),
            field="identifier",
        )
