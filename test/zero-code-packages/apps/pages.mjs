import http from 'node:http';

/** Yields the body of each page. */
export async function* readPages(url, count) {
  for (let page = 1; page <= count; page++) {
    yield await new Promise((resolve, reject) => {
      http
        .get(`${url}?page=${page}`, async (response) => {
          let body = '';
          for await (const chunk of response) body += chunk;
          resolve(body);
        })
        .on('error', reject);
    });
  }
}
