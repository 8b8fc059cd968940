'use strict'
const { copyFileSync } = require('node:fs')
const { basename, join } = require('node:path')

/**
 * A plugin of osls: a deployment of what is deployed already is skipped. osls compares the archives in S3 with those in
 * `.serverless`, where it puts its own; ours are made elsewhere.
 */
module.exports = class Unchanged {
  constructor({ service, serviceDir }) {
    this.hooks = {
      'before:aws:deploy:deploy:checkForChanges': () => {
        for (const {
          package: { artifact },
        } of Object.values(service.functions))
          copyFileSync(join(serviceDir, artifact), join(serviceDir, '.serverless', basename(artifact)))
      },
    }
  }
}
