"""The control page of the fault switches: shown and set from this machine only, by no other site's page."""

from __future__ import annotations

from dataclasses import dataclass

from .cashier import Page, redirect, render
from .faults import SWITCHES, WITH_ONLY, WITH_SECONDS, Fault, FaultRefused, Faults
from .notifier import is_loopback

PATH = "/faults"


@dataclass(frozen=True)
class Caller:
    """Who asks: the gateway's address as they wrote it, their own address, and the site whose page sent the form."""

    origin: str
    peer: str = ""
    site: str = ""

    @property
    def may_control(self) -> bool:
        """Tell whether the caller is this machine and, when a page has sent it, that page is ours."""
        return (
            is_loopback(f"http://{_bracketed(self.peer)}")
            and is_loopback(self.origin)
            and self.site in {"", self.origin}
        )


@dataclass
class Controls:
    """Show the switches and set them as a form says: `name`, `times`, `seconds`, `only`; or `off`."""

    faults: Faults

    def serve(self, method: str, form: dict[str, str], caller: Caller) -> Page:
        if not caller.may_control:
            return render("error.html", 403, title="这里不能操作", message="故障开关只在本机使用。")
        if method == "GET":
            return self._show()
        try:
            self._set(form)
        except FaultRefused as refused:
            return self._show(str(refused))
        return redirect(PATH, 303)

    def _set(self, form: dict[str, str]) -> None:
        if "off" in form:
            self.faults.clear(form["off"])
            return
        try:
            times = int(form["times"]) if form.get("times", "").strip() else None
            seconds = float(form.get("seconds", "").strip() or 0)
        except ValueError as error:
            raise FaultRefused("次数应为整数，秒数应为数字。") from error
        self.faults.set(form.get("name", ""), times=times, seconds=seconds, only=form.get("only", "").strip())

    def _show(self, error: str = "") -> Page:
        on = self.faults.on()
        rows = [
            {
                "name": name,
                "words": words,
                "state": _state(on.get(name)),
                "has_seconds": name in WITH_SECONDS,
                "may_have_only": name in WITH_ONLY,
            }
            for name, words in SWITCHES.items()
        ]
        page = render("faults.html", 422 if error else 200, rows=rows, error=error, is_any_on=bool(on))
        page.headers["Referrer-Policy"] = "same-origin"  # else browsers send the form with `Origin: null`
        return page


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _state(fault: Fault | None) -> str:
    if fault is None:
        return ""
    words = "一直有效" if fault.times is None else f"还有 {fault.times} 次"
    words += f"，{fault.seconds:g} 秒" if fault.seconds else ""
    return words + (f"，只对 {fault.only}" if fault.only else "")
