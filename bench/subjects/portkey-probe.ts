import { answerQuestions } from './subject.js';

/** Loaded into Portkey's process before its server, so that it answers the same questions as the other subjects. */
answerQuestions();
