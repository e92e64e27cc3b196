import pytest

from syncline.core.errors import TokenKeyError
from syncline.store.sealing import SealedToken, TokenKeys, new_key

TEXT = b"the token itself"


def test_a_text_comes_back_in_its_own_row_alone() -> None:
    keys = TokenKeys.parse(new_key())
    sealed = keys.seal(TEXT, "apollo")
    assert TEXT not in sealed.ciphertext
    assert keys.unseal(sealed, "apollo") == TEXT
    with pytest.raises(TokenKeyError, match="comes from another row"):
        keys.unseal(sealed, "salesforce")


def test_the_same_text_is_never_sealed_alike() -> None:
    keys = TokenKeys.parse(new_key())
    assert len({keys.seal(TEXT, "apollo").ciphertext for _ in range(50)}) == 50


@pytest.mark.parametrize("part", ["nonce", "ciphertext"])
def test_a_bit_that_was_turned_is_noticed(part: str) -> None:
    keys = TokenKeys.parse(new_key())
    sealed = keys.seal(TEXT, "apollo")
    parts = {"nonce": sealed.nonce, "ciphertext": sealed.ciphertext}
    parts[part] = bytes([parts[part][0] ^ 1]) + parts[part][1:]
    with pytest.raises(TokenKeyError, match="was changed"):
        keys.unseal(SealedToken(sealed.key_id, parts["nonce"], parts["ciphertext"]), "apollo")


def test_each_key_reads_and_the_first_one_writes() -> None:
    old, new = new_key(), new_key()
    before = TokenKeys.parse(old).seal(TEXT, "apollo")
    both = TokenKeys.parse(f"{new}\n{old}\n")
    assert both.unseal(before, "apollo") == TEXT
    after = both.seal(TEXT, "apollo")
    assert TokenKeys.parse(new).unseal(after, "apollo") == TEXT
    with pytest.raises(TokenKeyError, match="another key"):
        TokenKeys.parse(old).unseal(after, "apollo")


def test_keys_are_never_the_same_and_their_ids_tell_nothing_of_them() -> None:
    keys = [new_key() for _ in range(50)]
    assert len(set(keys)) == 50
    assert all(len(TokenKeys.parse(key).first_id) == 16 for key in keys)
    assert not [key for key in keys if TokenKeys.parse(key).first_id in key]


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "short",
        "A" * 42,
        "A" * 44,
        "ключ",
        "q7Jw2mN0vYx4Tz1RkD8sLcB5hGfA3eUiPoW6tE9nVbM x",
        "*" * 43,
    ],
)
def test_what_is_no_key_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(TokenKeyError) as caught:
        TokenKeys.parse(text)
    assert not text.strip() or text not in f"{caught.value!r} {caught.value.cure}"
