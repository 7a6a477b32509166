exports.count = async function* count(to) {
  for (let i = 0; i < to; i++) yield i;
};
