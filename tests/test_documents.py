"""What the documents name is there: links, commands, files, settings, code that runs."""

import importlib.util
import re
import shutil
import tomllib

import pytest

from pipeline.config.run_file import parse_config
from pipeline.config.settings import Config
from pipeline.config.settings_page import nested_section, sections, settings_page
from pipeline.config.sources import Crawl
from tests.documents import (
    DOCUMENTS,
    anchors,
    blocks,
    blocks_of,
    commands,
    prose,
    read,
    spans,
)
from tests.places import PROJECT

README = PROJECT / "README.md"
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def links(document):
    """Targets of links and images."""
    text = re.sub(r"`[^`\n]*`", "code", prose(document))
    return [*re.findall(r"\]\(([^)\s]+)\)", text), *re.findall(r'src="([^"]+)"', text)]


@each_document
def test_links_lead_somewhere(document):
    for link in links(document):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.is_relative_to(PROJECT), link
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


def test_readme_is_short_and_begins_with_two_commands():
    assert len(read(README).splitlines()) <= 200
    first, *_ = blocks_of(README, "sh")
    assert [line.split("  ")[0] for line in first.splitlines()] == ["make round N=1", "make test"]


def test_readme_lists_every_document():
    listed = {(PROJECT / link.partition("#")[0]).resolve() for link in links(README)}
    assert listed >= set(DOCUMENTS) - {README}


@each_document
def test_make_has_the_targets_and_variables_that_are_named(document):
    targets = set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.M))
    # A command may go on in the next line.
    for command in re.findall(r"\bmake (.+)", commands(document).replace("\\\n", " ")):
        words = re.sub(r"'[^']*'|#.*", "", command).split()
        for word in words:
            name, assigned, _ = word.partition("=")
            if assigned:
                assert f"$({name})" in MAKEFILE or f"$(if $({name})" in MAKEFILE, command
            else:
                assert name in targets, command


@each_document
def test_modules_that_are_run_exist(document):
    for module in re.findall(r"python3? -m ([\w.]+)", read(document)):
        assert importlib.util.find_spec(module), module


@each_document
def test_files_that_are_named_exist(document):
    named = re.findall(r"\b((?:jobs|pipeline|schemas|seeds|tests|docs)/[\w./-]*)", read(document))
    for path in named:
        assert (PROJECT / path.rstrip(".")).exists(), path


@each_document
def test_settings_that_are_named_exist(document):
    known = dict(sections())
    names = "|".join(name for name in known if "." not in name)
    for span in spans(document):
        for section, key in re.findall(rf"(?<![\w./])({names})\.(\w+)\b(?![/(])", span):
            if key not in ("py", "toml"):
                assert key in known[section].model_fields, span


def test_every_toml_block_is_a_run_or_a_part_of_one(tmp_path):
    shutil.copytree(PROJECT / "seeds", tmp_path, dirs_exist_ok=True)
    found = blocks("toml")
    assert len(found) > 5
    for block in found:
        document = {"crawls": {"mine": {"warcs": ["a.warc.gz"]}}} | tomllib.loads(block)
        parse_config(document, folder=tmp_path)


@pytest.mark.parametrize("block", blocks("python"))
def test_python_prints_what_its_comments_say(block, capsys):
    exec(compile(block, "document", "exec"), {})
    said = re.findall(r"^print\(.*\)  # (.+)$", block, re.M)
    assert said
    assert capsys.readouterr().out.splitlines() == said


def test_architecture_has_every_table():
    listed = {link.rpartition("/")[2] for link in links(PROJECT / "docs" / "architecture.md")}
    assert listed >= {path.name for path in (PROJECT / "schemas").glob("*.toml")}


def test_page_of_settings_is_that_of_the_code():
    assert read(PROJECT / "docs" / "settings.md") == settings_page(), "say make settings"


def test_every_setting_has_a_description():
    found = dict(sections())
    assert {"crawls.NAME", "read.s3", "seed.texts", "train"} <= set(found)
    assert found["crawls.NAME"] is Crawl
    assert {name.partition(".")[0] for name in found} == set(Config.model_fields)
    for name, section in found.items():
        for key, field in section.model_fields.items():
            assert field.description or nested_section(field), f"{name}.{key}"
            assert f"| `{key}` |" in settings_page() or nested_section(field), f"{name}.{key}"
