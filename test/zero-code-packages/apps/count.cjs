exports.count = async function* count(to) {
  for (let item = 1; item <= to; item++) {
    await null;
    yield item;
  }
};
