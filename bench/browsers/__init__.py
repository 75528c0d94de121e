"""What phones in the browser cost: how soon one is in a conference, and what fifty of them take."""
