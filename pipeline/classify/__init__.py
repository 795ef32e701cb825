"""The fastText classifier: training, scoring, evaluation."""
