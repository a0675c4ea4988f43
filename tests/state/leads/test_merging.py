"""Many updates in any order: whatever comes, the index and the records agree, and nothing that names a company names two."""

import random
from collections import Counter
from typing import Any

import pytest

from lead_models import Fact
from state.leads import companies, keys
from state.leads.companies import Update


def an_update(lots: random.Random) -> Update:
    domain = lots.choice(["", "", "a.example", "b.example", "c.example", "d.example"])
    name = lots.choice(["", "acme", "beta", "gamma"]) if domain else lots.choice(["acme", "beta", "gamma"])
    phones = tuple(lots.sample(["+1", "+2", "+3", "+4"], lots.randrange(3)))
    source = lots.choice(["typed", "https://a.example/", "import: x"])
    facts = {field: Fact(value=lots.randrange(4), source=source, at_ms=lots.randrange(9)) for field in lots.sample("xyz", 2)}
    tags = tuple(lots.sample(["t", "u"], lots.randrange(2)))
    return Update(lots.choice(["", "k"]), f"https://{domain}/" if domain else "", domain, name, name, phones, facts, tags)


def holds(store: Any) -> None:
    every = [one for some in companies.walk(None) for one in some]
    own = {owner: [one.id for some in companies.walk(owner) for one in some] for owner in ("", "k")}
    assert sorted(one.id for one in every) == sorted(own[""] + own["k"]) and companies.count(None) == len(every)
    records = {name.decode().rpartition(":")[2] for name in store.scan_iter("trawl:lead:co_*", _type="hash")}
    assert records == {one.id for one in every}, "a record that is in no list is lost"
    domains = Counter((one.owner, one.domain) for one in every if one.domain)
    assert set(domains.values()) <= {1}, "a domain is one company's"
    for owner in own:
        index = {member.decode(): one.decode() for member, one in store.hgetall(keys.index(owner)).items()}
        assert set(index.values()) == set(own[owner]), "each company is named, and only companies are"
        for one in every:
            if one.owner == owner and one.domain:
                assert index[f"d:{one.domain}"] == one.id
    for one in every:
        former = companies.former(one.id)
        assert len(former) <= 50 and all(fact.source != "typed" or one.facts[name].source == "typed" for name, fact in former)


@pytest.mark.parametrize("seed", range(3))
def test_index_and_records_agree(store: Any, seed: int) -> None:
    lots = random.Random(seed)
    for _ in range(12):
        updates = [an_update(lots) for _ in range(lots.randrange(1, 40))]
        made = companies.put(updates)
        assert [one.id for one in made[-1:]] == [one.id for one in companies.put(updates[-1:])], "what is put again is known"
        if lots.random() < 0.3:
            companies.remove(made[0].id)
        holds(store)
