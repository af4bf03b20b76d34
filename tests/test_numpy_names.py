"""MXNet gets the NumPy that it knows; NumPy itself is left as it was."""
from fresh_python import output


def test_numpy_is_left_as_it_was_and_no_warning_is_given(python, numpy_path):
    output(python("""
        import types, warnings, numpy
        def names():
            return {name: id(value) for name, value in vars(numpy).items()
                    if not isinstance(value, types.ModuleType)}
        def asked(name):
            try:
                return id(getattr(numpy, name))
            except Exception as err:
                return type(err), str(err)
        gone = ["bool", "PZERO", "NINF", "NaN", "alltrue", "msort", "in1d", "trapz",
                "pmt", "no_such_name"]
        names_before, asked_before = names(), list(map(asked, gone))
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import d2l_bn
        ours = [str(warning.message) for warning in caught
                if "mxnet" in warning.filename or "d2l" in warning.filename]
        assert not ours, ours
        differ = dict(names().items() ^ names_before.items())
        assert not differ, differ
        assert "__getattr__" in names_before
        assert list(map(asked, gone)) == asked_before
        if numpy.__version__.startswith("1."):
            assert asked("bool")[0] is AttributeError
        assert numpy.testing and numpy.random  # loaded lazily still
        """, numpy_path, ["-W", "ignore"]))


def test_numpy_is_left_as_it_was_when_the_import_fails(python, stub):
    output(python("""
        import numpy
        before = vars(numpy)["__getattr__"]
        try:
            import d2l_bn
        except OSError:
            assert vars(numpy)["__getattr__"] is before
        else:
            raise SystemExit("imported")
        """, stub("raise OSError('disk')")))


def test_removed_names_are_supplied_while_mxnet_is_imported(python, stub, numpy_path):
    names = ("bool PZERO NZERO NINF PINF NAN NaN Inf alltrue sometrue product round_ "
             "msort in1d trapz mirr npv pmt ppmt pv rate")
    assert output(python("""
        try:
            import d2l_bn
        except SystemExit:
            pass
        """, [*stub(f"""
        import numpy
        names = {names.split()}
        for name in names:  # as if this NumPy had removed them all
            vars(numpy).pop(name, None)
        missing = [name for name in names if not hasattr(numpy, name)]
        assert not missing, missing
        two = numpy.array([[2, 0], [1, 2]])
        assert numpy.msort(two).tolist() == [[1, 0], [2, 2]]
        assert numpy.in1d([1, 2], [2]).tolist() == [False, True]
        assert (numpy.alltrue(two), numpy.sometrue(two)) == (False, True)
        assert (numpy.product(two + 1), numpy.round_(1.6)) == (18, 2)
        assert -numpy.NINF == numpy.PINF == numpy.Inf == float("inf")
        assert numpy.PZERO == numpy.NZERO == 0 and numpy.bool is bool
        assert numpy.NaN != numpy.NaN and numpy.NAN != numpy.NAN
        try:
            numpy.no_such_name
        except AttributeError as err:
            assert "no_such_name" in str(err)
        else:
            raise RuntimeError("no_such_name was supplied")
        print("all there")
        raise SystemExit
        """), *numpy_path], ["-W", "ignore"])) == "all there"


def test_a_mxnet_imported_before_is_mended_too(python):
    assert output(python("""
        import numpy
        if numpy.__version__.startswith("2."):
            import d2l_bn
            import mxnet
        else:
            numpy.bool = bool  # what people write on NumPy 1.24 to 1.26
            import mxnet
            del numpy.bool
        import d2l_bn
        mxnet.test_utils.assert_almost_equal(mxnet.nd.ones(2), numpy.ones(2))
        print(mxnet.nd.zeros((2, numpy.int64(3))).shape)
        """, options=["-W", "ignore"])) == "(2, 3)"
