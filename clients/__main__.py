"""`python -m clients`: makes the Python client's types and methods anew from the OpenAPI document."""

from clients.generate import write

if __name__ == "__main__":
    for path in write():
        print(f"wrote {path.name}")
