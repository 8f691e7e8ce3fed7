"""Pages of needs: the public list and notice, the owner's drafts, documents and questions."""
