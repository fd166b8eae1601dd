"""Business trends of an account (经营动向): observations with figures, demand, competitors' shares."""
