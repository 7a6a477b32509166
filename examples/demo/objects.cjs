'use strict';
const { paginateListObjectsV2 } = require('@aws-sdk/client-s3');

/** Every object of a bucket, whatever number of pages it takes. */
exports.listObjects = async function* listObjects(client, bucket) {
  for await (const page of paginateListObjectsV2({ client, pageSize: 2 }, { Bucket: bucket })) {
    yield* page.Contents;
  }
};
