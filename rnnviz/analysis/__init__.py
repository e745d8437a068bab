"""Analyses of traces and recordings: small labelled arrays, one view for every figure."""
