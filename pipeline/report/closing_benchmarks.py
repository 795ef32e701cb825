"""What is told of benchmarks: which were looked for, what was found, what was let pass."""

from __future__ import annotations

from pipeline.base.printing import aligned, named, visible
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.report.closing import FinishedRun, Section

#: Characters of an allowed entry that are shown.
_LONGEST_ENTRY = 60
#: Soft copies that are shown; the manifest has more.
_SOFT_COPIES = 5


def _lines(run: FinishedRun, _: int) -> list[str]:
    return report_lines(DecontaminateNotes.of(run.workspace.contamination().existing()))


BENCHMARKS = Section(lines=_lines)


def report_lines(notes: DecontaminateNotes) -> list[str]:
    """The notes of step decontaminate, for a person."""
    if not notes.benchmarks:
        return ["NOT DECONTAMINATED: no benchmarks were given (decontaminate.benchmarks)"]
    lines = [*_benchmark_lines(notes), *_weighed_lines(notes)]
    if notes.top_grams:
        lines += ["", *_gram_lines(notes)]
    if notes.allowed:
        lines += ["", *_allowed_lines(notes)]
    if notes.soft_copies.nearest:
        lines += ["", *_soft_lines(notes)]
    if notes.missing_names:
        lines.append(f"NOT FOUND: no benchmark named {named(notes.missing_names)}")
    return lines


def _benchmark_lines(notes: DecontaminateNotes) -> list[str]:
    benchmarks = notes.benchmarks
    rows = [
        ["benchmark", "items", "by n-grams", "by exact match", "not indexable", "items hit",
         "pages hit"]
    ]  # fmt: skip
    quiet = [name for name in benchmarks if not notes.pages_hit.get(name)]
    # One of them is as short as a line that stands for it.
    folded = set(quiet) if len(quiet) > 1 else set()
    for name, line in benchmarks.items():
        if name in folded:
            continue
        counts = [line.items, line.items_by_ngram, line.items_by_exact, line.unseen_items]
        counts += [hit.get(name, 0) for hit in (notes.items_hit, notes.pages_hit)]
        rows.append([name, *(f"{count:,}" for count in counts)])
    if folded:
        lines = [benchmarks[name] for name in folded]
        sums = [sum(line.items for line in lines), sum(line.items_by_ngram for line in lines)]
        sums += [sum(line.items_by_exact for line in lines)]
        sums += [sum(line.unseen_items for line in lines)]
        name = f"{len(folded)} {'others' if len(rows) > 1 else 'benchmarks'}, no page hit"
        rows.append([name, *(f"{count:,}" for count in sums), "0", "0"])
    items = sum(line.items for line in benchmarks.values())
    unseen = sum(line.unseen_items for line in benchmarks.values())
    return [
        f"decontaminated against {len(benchmarks)} benchmarks, {items:,} items, "
        f"{unseen:,} of them too short to be found",
        *aligned(rows),
    ]


def _weighed_lines(notes: DecontaminateNotes) -> list[str]:
    weighed, reviewed = notes.weighed, notes.reviewed
    amounts = (weighed.condemned, weighed.by_paper, weighed.let_pass)
    condemned, by_paper, passed = (f"{a.pages:,} pages ({a.tokens:,} tokens)" for a in amounts)
    lines = [f"condemned by the rule {weighed.rule}: {condemned}; by the paper's: {by_paper}"]
    if weighed.let_pass.pages:
        lines.append(f"let pass, for it is too little of any text: {passed}, in table let_pass")
    if reviewed.precision is not None:
        verdicts = ", ".join(
            f"{count:,} {name}" for name, count in sorted(reviewed.condemned.items())
        )
        lines.append(f"reviewed hits: {verdicts}; precision {reviewed.precision:.0%}")
    return lines


def _soft_lines(notes: DecontaminateNotes) -> list[str]:
    soft = notes.soft_copies
    rows = [["overlap", "item", "page", "rare words that both have"]]
    for copy in soft.nearest[:_SOFT_COPIES]:
        item = visible(f"{copy.benchmark} {copy.item}", _LONGEST_ENTRY)
        shared = visible(" ".join(copy.words), _LONGEST_ENTRY)
        rows.append([f"{copy.overlap:.0%}", item, copy.page_id, shared])
    return [
        f"nearest to questions without their numbers, in {soft.pages:,} sampled pages and of "
        f"{soft.questions:,} questions; told, not removed, and more in the manifest",
        *aligned(rows),
    ]


def _gram_lines(notes: DecontaminateNotes) -> list[str]:
    rows = [["pages hit", "by it alone", "rule", "of", "the grams that hit most"]]
    for top in notes.top_grams:
        rows.append([f"{top.pages:,}", f"{top.alone:,}", top.rule, top.benchmark, top.gram])
    return aligned(rows)


def _allowed_lines(notes: DecontaminateNotes) -> list[str]:
    rows = [["pages", "grams", "allowed, and exempted from the rules"]]
    for entry in notes.allowed:
        if entry.pages:
            short = visible(entry.entry, _LONGEST_ENTRY)
            rows.append([f"{entry.pages:,}", f"{entry.grams:,}", short])
    unused = [entry for entry in notes.allowed if not entry.pages]
    lines = [
        f"exempted {notes.exempted_grams:,} grams in {notes.exempted_pages:,} pages, "
        f"{notes.spared_pages:,} of which nothing else condemns"
    ]
    if len(rows) > 1:
        lines += aligned(rows)
    if unused:
        lines.append(f"{len(unused)} of {len(notes.allowed)} allowed entries exempt nothing here")
    return lines
