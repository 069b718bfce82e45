"""The end of a team: asked for by its owner, a week ahead, with everything exported first."""
