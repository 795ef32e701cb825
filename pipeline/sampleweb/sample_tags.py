"""The sample's tags: what people would say about its URL patterns."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.sampleweb.plan import Plan
from pipeline.sampleweb.sites import NEAR_MISS

HEADER = "pattern\tmathematical\twho\twhen\tround\tnote\n"


def tag_lines(plan: Plan) -> Iterator[str]:
    """The lines of a tags file, sorted by pattern, header first.

    Every section of a host with mathematics, or with what looks like it, has its line, ``yes``
    or ``no``.
    """
    yield HEADER
    lines = []
    for host in plan.hosts:
        sections = host.site.sections
        if not any(section.mathematical or section.kind == NEAR_MISS for section in sections):
            continue
        for section in sections:
            mathematical = "yes" if section.mathematical else "no"
            note = f"sample web: {section.kind}"
            lines.append(
                f"{host.name}{section.pattern}\t{mathematical}\tsample\t2024-06-01\t1\t{note}\n"
            )
    yield from sorted(lines)
