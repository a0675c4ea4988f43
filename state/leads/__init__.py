"""Companies as leads: what is known of each, by owner, each company once; their scores."""
