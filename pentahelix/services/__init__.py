"""The verbs: what can be done to the nouns, a module per noun. They know no request and never commit."""
