"""Who may log in, how long, and how slowly somebody can guess."""

import json

import pytest

from warehouse.screen.users import FREE_TRIES, HOURS, LONGEST_WAIT, Sittings, Users, UsersRefused

SECRET = "一个足够长的口令句"


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def users():
    return Users({}).with_user("李四", SECRET + "！")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sittings(users, clock):
    return Sittings(users, clock)


def test_the_file_holds_no_password_and_is_for_its_owner_alone(users, tmp_path):
    file = tmp_path / "secure" / "users.json"
    users.write(file)
    assert SECRET not in file.read_text("utf-8")
    assert list(json.loads(file.read_text("utf-8"))) == ["李四"]
    assert file.stat().st_mode & 0o077 == 0
    assert Users.read(file) == users
    file.chmod(0o644)
    with pytest.raises(UsersRefused, match="chmod 600"):
        Users.read(file)


def test_what_is_no_users_file_is_a_sentence(tmp_path):
    with pytest.raises(UsersRefused, match="screen user add"):
        Users.read(tmp_path / "none.json")
    file = tmp_path / "users.json"
    file.write_text("[1]", "utf-8")
    file.chmod(0o600)
    with pytest.raises(UsersRefused, match="不是用户文件"):
        Users.read(file)


def test_users_come_go_and_need_a_password_worth_the_name(users):
    with pytest.raises(UsersRefused, match="至少"):
        users.with_user("王五", "short")
    with pytest.raises(UsersRefused, match="空"):
        users.with_user(" ", SECRET * 2)
    assert users.without_user("李四").hashes == {}
    with pytest.raises(UsersRefused, match="没有用户"):
        users.without_user("王五")


def test_two_users_with_one_password_have_different_hashes(users):
    both = users.with_user("王五", SECRET + "！")
    assert both.hashes["王五"] != both.hashes["李四"]


def test_only_the_right_password_of_a_known_user_opens_a_sitting(sittings, clock):
    assert sittings.log_in("李四", "wrong", "10.0.0.1")[0] is None
    assert sittings.log_in("王五", SECRET + "！", "10.0.0.1")[0] is None
    token, _ = sittings.log_in("李四", SECRET + "！", "10.0.0.1")
    assert sittings.who(token) == "李四"
    assert sittings.who(token + "x") is None
    assert sittings.who(None) is None
    clock.now = HOURS * 3600 + 1
    assert sittings.who(token) is None


def test_a_sitting_ends_with_the_log_out(sittings):
    token, _ = sittings.log_in("李四", SECRET + "！", "10.0.0.1")
    sittings.log_out(token)
    assert sittings.who(token) is None


def test_who_guesses_waits_longer_each_time_and_the_right_word_does_not_help_meanwhile(sittings, clock):
    for _ in range(FREE_TRIES - 1):
        assert sittings.log_in("李四", "wrong", "10.0.0.1") == (None, 0)
    waits = [sittings.log_in("李四", "wrong", "10.0.0.1")[1]]
    assert sittings.log_in("李四", SECRET + "！", "10.0.0.9")[0] is None  # from another address too
    for _ in range(11):
        clock.now += waits[-1]
        waits.append(sittings.log_in("李四", "wrong", "10.0.0.1")[1])
    assert waits[:3] == [2, 4, 8]
    assert waits[-1] == LONGEST_WAIT
    clock.now += waits[-1]
    assert sittings.log_in("李四", SECRET + "！", "10.0.0.9")[0] is not None


def test_one_address_that_tries_many_names_waits_too(sittings):
    for number in range(FREE_TRIES):
        sittings.log_in(f"名{number}", "wrong", "10.0.0.1")
    assert sittings.log_in("李四", SECRET + "！", "10.0.0.1")[1] > 0
    assert sittings.log_in("李四", SECRET + "！", "10.0.0.2")[0] is not None
