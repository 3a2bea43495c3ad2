from endpoints.samples import dataset


def test_the_split_is_the_same_each_time_and_keeps_the_share_of_both_classes():
    first, second = dataset.split(), dataset.split()
    assert first.train.shape == (369, 31)
    assert first.test.shape == (200, 31)
    assert (first.test == second.test).all()
    assert abs(first.train[:, 0].mean() - first.test[:, 0].mean()) < 0.01


def test_the_label_comes_first_and_is_1_for_malignant():
    table = dataset.split().test
    assert set(table[:, 0]) == {0.0, 1.0}
    assert table[:, 0].mean() < 0.5  # most are benign
    assert table[table[:, 0] == 1, 1].mean() > table[table[:, 0] == 0, 1].mean()


def test_csv_has_no_header_and_one_line_for_each_row():
    lines = dataset.csv(dataset.split().test).decode().splitlines()
    assert len(lines) == 200
    assert all(len(line.split(",")) == 31 for line in lines)
    assert lines[0].split(",")[0] in {"0", "1"}
