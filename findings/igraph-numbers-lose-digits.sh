#!/usr/bin/env bash
# networkx 3.6.1 writes a graph of pages that a model linked as GraphML, igraph 1.0.0 finds the groups in it and writes it, and networkx reads it.
#
# Guess:     whole numbers come back as they went, what is missing stays missing, and a page keeps the identifier by which it is known.
# Behaviour: igraph reads every number as a double: of the identifier 9007199254740993 it makes ...992, and it writes 15 digits, so that networkx
#            gets ...990. networkx's nodes are `n0` and `n1` then, their names an attribute beside. A flag that is missing becomes False, a
#            missing text the text "None", and GML drops the underscore of `page_number`.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check networkx==3.6.1 igraph==1.0.0
cd "$folder"
cat >graph.py <<'PYTHON'
import igraph
import networkx

graph = networkx.Graph()
graph.add_node("page-1", serial=9007199254740993, count=3)
graph.add_node("page-2", serial=2, count=4)
graph.add_edge("page-1", "page-2")
networkx.write_graphml(graph, "pages.graphml")
found = igraph.Graph.Read_GraphML("pages.graphml")
print("networkx wrote:", dict(graph.nodes(data=True)))
print("igraph read:", [vertex.attributes() for vertex in found.vs])
found.write_graphml("pages.graphml")
print("networkx read:", dict(networkx.read_graphml("pages.graphml").nodes(data=True)))

answers = igraph.Graph(2, [(0, 1)])
answers.vs["page_number"] = [1, None]
answers.vs["blank"] = [True, None]
answers.vs["title"] = ["Index", None]
answers.write_graphml("answers.graphml")
print("what is missing, GraphML:", igraph.Graph.Read_GraphML("answers.graphml").vs[1].attributes())
answers.write_gml("answers.gml")
print("what is missing, GML:", igraph.Graph.Read_GML("answers.gml").vs[1].attributes())
PYTHON
seen=$(venv/bin/python -W ignore graph.py)
expected="networkx wrote: {'page-1': {'serial': 9007199254740993, 'count': 3}, 'page-2': {'serial': 2, 'count': 4}}
igraph read: [{'count': 3.0, 'serial': 9007199254740992.0, 'id': 'page-1'}, {'count': 4.0, 'serial': 2.0, 'id': 'page-2'}]
networkx read: {'n0': {'count': 3.0, 'serial': 9007199254740990.0, 'id': 'page-1'}, 'n1': {'count': 4.0, 'serial': 2.0, 'id': 'page-2'}}
what is missing, GraphML: {'page_number': nan, 'blank': False, 'title': 'None', 'id': 'n1'}
what is missing, GML: {'id': 1.0, 'pagenumber': nan, 'blank': 0.0, 'title': 'None'}"

printf 'networkx 3.6.1, igraph 1.0.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
