import stat

import pytest

from transforms import tokens


def test_a_token_depends_on_key_kind_and_value_and_hides_the_value():
    one, other = tokens.Tokens(b"a" * 32), tokens.Tokens(b"b" * 32)
    token = one.token("phone", "13812345678")
    assert token == tokens.Tokens(b"a" * 32).token("phone", "13812345678")
    assert len({token, other.token("phone", "13812345678"), one.token("id", "13812345678")}) == 3
    assert "13812345678" not in token


def test_a_new_key_is_private_is_read_back_and_is_never_overwritten(tmp_path):
    path = tmp_path / "keys" / "lake.key"
    key = tokens.new_key(path)
    assert tokens.read_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        tokens.new_key(path)


def test_a_missing_or_broken_key_file_says_in_chinese_what_to_do(tmp_path):
    with pytest.raises(tokens.KeyFileError, match="找不到密钥文件"):
        tokens.read_key(tmp_path / "none")
    (tmp_path / "bad").write_text("hello")
    with pytest.raises(tokens.KeyFileError, match="不是密钥"):
        tokens.read_key(tmp_path / "bad")
