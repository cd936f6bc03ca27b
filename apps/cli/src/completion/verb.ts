import { Argument, type Command } from 'commander';
import { print } from '../terminal/io.js';
import { said } from '../terminal/language.js';
import { addVerb } from '../verb.js';
import { completionScript, shells, type Shell } from './scripts.js';

export function addTo(program: Command): void {
  addVerb(program, 'completion', {
    summary: said(
      'print a script that completes verbs and options in a shell',
      '输出在 shell 中补全动词与选项的脚本',
    ),
    details: said(
      'Load it with "source <(ledger completion bash)", the same with zsh, or in fish with ' +
        '"ledger completion fish | source".',
      '加载方式："source <(ledger completion bash)"，zsh 相同；fish 中为 ' +
        '"ledger completion fish | source"。',
    ),
    examples: [
      [
        'completion bash | head -1',
        said(
          '# Load it with: source <(ledger completion bash)',
          '# 加载方式：source <(ledger completion bash)',
        ),
      ],
      'completion zsh > ~/.zfunc/_ledger',
    ],
  })
    .addArgument(new Argument('<shell>', said('the shell', 'shell 名称')).choices(shells))
    .action((shell: Shell) => print(completionScript(program, shell)));
}
