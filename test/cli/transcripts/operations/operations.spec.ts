import { describeTranscripts } from '../../transcripts.js';

describeTranscripts(__dirname);
