"""Companies as leads: what their sites say of them, kept once each; made even, enriched, scored."""
