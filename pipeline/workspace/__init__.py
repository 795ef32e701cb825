"""Where tables live: their places, schemas and manifests, storage and Spark."""
