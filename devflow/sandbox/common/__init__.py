"""What both servers share: calls and replies, records, pages, time, a bare repository."""
