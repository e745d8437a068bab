"""The Streamlit room; nothing outside it imports streamlit."""
