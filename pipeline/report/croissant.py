"""``croissant.json``: the corpus for programs that load data sets, by Croissant 1.1.

https://mlcommons.org/croissant/1.1
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pipeline.base.small_files import json_text
from pipeline.report.corpus_facts import PAPER, TERMS_OF_USE, CorpusFacts
from pipeline.workspace.table_schemas import Column, schema

CROISSANT_1_1 = "http://mlcommons.org/croissant/1.1"
_FILES, _RECORDS = "parquet-files", "pages"
#: Types of declared columns, as Croissant calls them.
_TYPES = {
    "string": "sc:Text",
    "boolean": "sc:Boolean",
    "int": "cr:Int32",
    "long": "cr:Int64",
    "float": "cr:Float32",
    "double": "cr:Float64",
    "timestamp": "sc:DateTime",
}
#: The specification's appendix 1, with PROV-O's namespace beside it.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant_json(facts: CorpusFacts, provenance: Mapping[str, Any], at: datetime) -> str:
    """The document. ``provenance`` is ``report.provenance.provenance``'s, ``at`` the time at
    which the corpus was made.
    """
    return json_text(
        {
            "@context": _CONTEXT,
            "@type": "sc:Dataset",
            "conformsTo": CROISSANT_1_1,
            "name": "mathematical-web-pages",
            "description": f"{facts.pages:,} mathematical web pages, {facts.tokens:,} "
            f"tokens ({facts.tokenizer}), mined from Common Crawl's archives after DeepSeekMath "
            "(section 2.1). Formulas are LaTeX. The pages belong to those who published them.",
            "url": PAPER,
            "license": TERMS_OF_USE,
            "citeAs": _CITATION,
            "creator": {"@type": "sc:Organization", "name": f"mathmine {facts.version}"},
            "datePublished": at.date().isoformat(),
            "version": "1.0.0",
            "inLanguage": [one.name for one in facts.languages if one.name not in ("", "und")],
            "keywords": ["mathematics", "web pages", "LaTeX", "Common Crawl"],
            "distribution": [
                {
                    "@type": "cr:FileSet",
                    "@id": _FILES,
                    "description": "Pages in the order of rank, best first.",
                    "encodingFormat": "application/x-parquet",
                    "includes": facts.data_files,
                }
            ],
            "recordSet": [
                {
                    "@type": "cr:RecordSet",
                    "@id": _RECORDS,
                    "description": "A record a page.",
                    "key": {"@id": f"{_RECORDS}/page_id"},
                    "field": [_field(column) for column in schema("corpus").columns],
                }
            ],
            **provenance,
        }
    )


def _field(column: Column) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{_RECORDS}/{column.name}",
        "name": column.name,
        "description": column.about,
        "dataType": _TYPES[column.type],
        "source": {"fileSet": {"@id": _FILES}, "extract": {"column": column.name}},
    }


_CITATION = (
    "@article{shao2024deepseekmath, "
    "title={DeepSeekMath: Pushing the Limits of Mathematical Reasoning in Open Language Models}, "
    "author={Zhihong Shao and others}, journal={arXiv preprint arXiv:2402.03300}, year={2024}}"
)
