"""The unified social credit code of Chinese organisations (GB 32100-2015): 18 characters, the last one a check character."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
VALUES = {character: value for value, character in enumerate(ALPHABET)}
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def compact(code: str) -> str:
    """The code without spaces and hyphens, in capitals."""
    return code.replace(" ", "").replace("-", "").upper()


def is_uscc(code: str) -> bool:
    """Whether 18 characters of the alphabet with the right check character; written compactly."""
    if len(code) != 18 or any(character not in VALUES for character in code):
        return False
    total = sum(VALUES[character] * weight for character, weight in zip(code, WEIGHTS, strict=False))
    return VALUES[code[17]] == (31 - total % 31) % 31
