"""The provider's daily bills: read strictly, matched with what we hold. Pure but for what fetches our side; actions decide."""
