"""Write the generated pages into docs/reference."""

from docs.generate.pages import generated

if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text)
        print(path.name)
