// Say who this script acts as.
import { wfg } from '#wfg'

const { viewer } = await wfg`query { viewer { userName } }`
console.log(viewer.userName)
