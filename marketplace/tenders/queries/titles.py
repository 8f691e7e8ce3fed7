"""What a need is called before its owner says otherwise."""

from __future__ import annotations

LONGEST = 120  # characters, as the field holds
SHORTEST_OVERLAP = 2  # one shared character is chance, two are a word


def title_for(project: str, service: str) -> str:
    """Join the name of a project (or a place) and of a service; a word that ends one and begins the other stands once.

    “检测中心项目” and “项目建议书编制” make “检测中心项目建议书编制”. Cut to the length of the field.
    """
    project, service = project.strip(), service.strip()
    for length in range(min(len(project), len(service)), SHORTEST_OVERLAP - 1, -1):
        if project.endswith(service[:length]):
            return f"{project}{service[length:]}"[:LONGEST]
    return f"{project}{service}"[:LONGEST]
