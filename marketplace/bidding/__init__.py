"""Sign-up and live bidding: bidders, auctions, bids."""
