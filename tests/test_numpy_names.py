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


# What asked NumPy for a removed or renamed name when it ran, and what it gives.
USES = """
    test_utils.check_numeric_gradient(square, [two]) is None
    len(test_utils.check_symbolic_forward(square, [two], [two**2])) == 1
    test_utils.assert_almost_equal(nd.ones(2), numpy.ones(2)) is None
    test_utils.gen_buckets_probs_with_ppf(lambda p: p, 4)[1] == [.25] * 4
    buckets_counted_by_chi_square_check() is None
    mx.np.pad(two_mx, ((1, 0), (0, 0)), mode="edge").asnumpy().tolist()[0] == [2, 1]
    two_mx[two_mx > 1].asnumpy().tolist() == [2, 3]
    two_mx[mx.np.array([False, True], dtype=bool)].asnumpy().tolist() == [[1, 3]]
    mx.np.full((2,), True).dtype == bool
    mx.np.array(True, dtype=bool).item() is True
    numpy.allclose(mx.np.linalg.qr(two_mx)[1].asnumpy(), numpy.linalg.qr(two)[1])
    mx.np.in1d(two_mx, mx.np.array([2.])).asnumpy().tolist() == [True] + 3 * [False]
    mx.np.trapz(two_mx).asnumpy().tolist() == [1.5, 2]
    bool(mx.np.alltrue(two_mx)) is True
    nd.moveaxis(nd.ones((2, 3, 4)), 0, -1).shape == (3, 4, 2)
    recordio.unpack(recordio.pack((0, two[0], 7, 0), b"x"))[0].label.tolist() == [2, 1]
    recordio.unpack(recordio.pack((0, 4., 7, 0), b"x"))[1] == b"x"
    CheckpointHandler(".", "a", accuracy, save_best=True, mode="max").best == -numpy.inf
    """


def test_what_mxnet_asks_numpy_for_when_it_runs_is_there(python, numpy_path):
    uses = [line.strip() for line in USES.strip().splitlines()]
    assert output(python(f"""
        import sys, types, warnings
        import numpy
        import d2l_bn
        import mxnet as mx
        from mxnet import nd, recordio, sym, test_utils
        from mxnet.gluon.contrib.estimator import CheckpointHandler

        def buckets_counted_by_chi_square_check():
            chisquare = lambda f_obs, f_exp: (0, sum(f_obs))
            test_utils.ss = types.SimpleNamespace(chisquare=chisquare)  # for scipy
            test_utils.chi_square_check(lambda n: [0] * n, [0, 1], [.5, .5], 10)

        mx.npx.set_np()
        two = numpy.array([[2., 1.], [1., 3.]], "float32")
        two_mx = mx.np.array(two)
        mx.npx.reset_np()
        square, accuracy = sym.square(sym.var("x")), mx.metric.Accuracy()
        for use in {uses}:
            try:
                with warnings.catch_warnings():
                    warnings.filterwarnings("error", ".*(np[.]|numpy[.])")
                    # Still there in some NumPy 2, which only advises another name.
                    warnings.filterwarnings("ignore", "`in1d` is deprecated")
                    assert eval(use), "false"
            except Exception as err:
                print(use, type(err).__name__, err)
        """, numpy_path)) == ""


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
