// The program of the behaviour probe: a generator that notes what it sees.

let probe;
exports.setProbe = (newProbe) => {
  probe = newProbe;
};

exports.talk = async function* talk() {
  probe.inBody();
  try {
    probe.received = yield 'first';
    probe.inBody();
    await null;
    probe.inBody();
    try {
      yield 'second';
    } catch (error) {
      probe.caught = error;
    }
    yield 'third';
    return 'result';
  } finally {
    probe.isClosed = true;
  }
};
