"""What the cards of the models trained here say, in both languages."""

from __future__ import annotations

TITLES = {
    "next_character_lstm": {
        "en": "Next character, LSTM: Alice in Wonderland",
        "zh": "LSTM 预测下一个字符：《爱丽丝梦游仙境》",
    },
    "next_character_gru": {
        "en": "Next character, GRU: Alice in Wonderland",
        "zh": "GRU 预测下一个字符：《爱丽丝梦游仙境》",
    },
    "brackets_lstm": {
        "en": "Depth of brackets, LSTM",
        "zh": "LSTM 数括号的嵌套深度",
    },
    "adding_lstm": {
        "en": "Adding problem over 100 steps, LSTM",
        "zh": "LSTM 解 100 步加法问题",
    },
    "adding_gru": {
        "en": "Adding problem over 100 steps, GRU",
        "zh": "GRU 解 100 步加法问题",
    },
    "adding_rnn": {
        "en": "Adding problem over 100 steps, simple RNN with tanh (does not learn it)",
        "zh": "简单 RNN（tanh）做 100 步加法问题（没学会）",
    },
    "adding_rnn_identity": {
        "en": "Adding problem over 100 steps, simple RNN with ReLU and W = identity",
        "zh": "简单 RNN（ReLU，W 初值为单位矩阵）解 100 步加法问题",
    },
    "temporal_order_lstm": {
        "en": "Order of two symbols, LSTM",
        "zh": "LSTM 判断两个符号的先后",
    },
    "flip_flop_gru": {
        "en": "Memory of three bits, GRU",
        "zh": "GRU 记住三个比特",
    },
    "sines_lstm": {
        "en": "Next value of two added sines, LSTM",
        "zh": "LSTM 预测双正弦波的下一个值",
    },
    "languages_gru": {
        "en": "Language of a surname, GRU",
        "zh": "GRU 由姓氏判断语言",
    },
    "counting_lstm": {
        "en": "aⁿbⁿ, LSTM: counts the a's, then as many b's",
        "zh": "LSTM 读 aⁿbⁿ：数 a，再数同样多的 b",
    },
    "counting_gru": {
        "en": "aⁿbⁿ, GRU: right on the lengths it learned, not far beyond",
        "zh": "GRU 读 aⁿbⁿ：学过的长度能数对，再长就不行",
    },
    "copy_lstm_chrono": {
        "en": "Copy after 100 steps, LSTM with chrono initialisation",
        "zh": "LSTM 隔 100 步复述（chrono 初始化）",
    },
    "copy_lstm": {
        "en": "Copy after 100 steps, LSTM with forget bias 1 (does not learn it)",
        "zh": "LSTM 隔 100 步复述（遗忘门偏置为 1，没学会）",
    },
    "reber_lstm": {
        "en": "Words of the embedded Reber grammar without a break, LSTM",
        "zh": "LSTM 读连续不断的嵌套 Reber 语法词",
    },
    "reber_lstm_no_forget": {
        "en": "Words of the embedded Reber grammar without a break, LSTM without a forget gate",
        "zh": "无遗忘门的 LSTM 读连续不断的嵌套 Reber 语法词",
    },
    "choices_gru": {
        "en": "Choices of a learner between two sides, GRU of two units",
        "zh": "两个神经元的 GRU 预测学习者在两边之间的选择",
    },
    "parity_linear_rnn_signed": {
        "en": "Parity, linear RNN with a gate of −1 to 1",
        "zh": "线性 RNN 判断奇偶（门在 −1 与 1 之间）",
    },
    "parity_linear_rnn": {
        "en": "Parity, linear RNN with a gate of 0 to 1 (does not learn it)",
        "zh": "线性 RNN 判断奇偶（门在 0 与 1 之间，没学会）",
    },
}

ABOUT = {
    "next_character_lstm": {
        "en": "Reads English a character at a time and gives every character's probability of"
        " being next; it has read nine tenths of one book.",
        "zh": "逐个字符读英文，给出下一个字符的概率；只读过一本书的前九成。",
    },
    "next_character_gru": {
        "en": "The same task and book as the LSTM's, with three Dense layers in place of four.",
        "zh": "任务和书都与 LSTM 相同，只是由三个全连接层而不是四个组成。",
    },
    "brackets_lstm": {
        "en": "Says after every bracket how many are still open, 0 to 5.",
        "zh": "每读一个括号，报出还有几个没有闭合（0 到 5）。",
    },
    "adding_lstm": {
        "en": "Adds the two marked ones of 100 numbers and answers at the last step.",
        "zh": "从 100 个数里找出两个带标记的，在最后一步给出它们的和。",
    },
    "adding_gru": {
        "en": "Adds the two marked ones of 100 numbers and answers at the last step.",
        "zh": "从 100 个数里找出两个带标记的，在最后一步给出它们的和。",
    },
    "adding_rnn": {
        "en": "The same data, steps, optimiser and rate as the LSTM's, with tanh and PyTorch's"
        " random start: its error stays about that of always answering 1.",
        "zh": "数据、更新次数、优化器和学习率都与 LSTM 相同，用 tanh 和 PyTorch 的默认初始化；"
        "误差一直停在“总是回答 1”的水平。",
    },
    "adding_rnn_identity": {
        "en": "The same data, steps, optimiser and rate as the other simple RNN's, but ReLU in"
        " place of tanh and a recurrent matrix that starts as the identity (Le, Jaitly and Hinton"
        " 2015).",
        "zh": "数据、更新次数、优化器和学习率都与另一个简单 RNN 相同，只是用 ReLU 代替 tanh，"
        "循环权重矩阵从单位矩阵开始（Le、Jaitly、Hinton，2015）。",
    },
    "temporal_order_lstm": {
        "en": "Two symbols X or Y stand among 48 others; at the end it says which came first and"
        " which second.",
        "zh": "48 个无关符号里混有两个 X 或 Y；读完后说出先来的是哪个、后来的是哪个。",
    },
    "flip_flop_gru": {
        "en": "Each of three outputs holds the sign of the last pulse on its own line until the"
        " next pulse comes.",
        "zh": "三个输出各管一路输入，保持该路最近一次脉冲的正负号，直到下一个脉冲到来。",
    },
    "sines_lstm": {
        "en": "Reads a sum of two sines of unknown periods (5 to 30 steps) and forecasts the value"
        " of the next step.",
        "zh": "读入两个正弦波之和（周期未知，5 到 30 步），预测下一步的值。",
    },
    "languages_gru": {
        "en": "Reads a surname letter by letter and says which of eight languages it comes from;"
        " it was measured on surnames that it had not seen.",
        "zh": "逐个字母读一个姓氏，判断它来自八种语言中的哪一种；准确率是在没见过的姓氏上测得的。",
    },
    "counting_lstm": {
        "en": "Reads n times a, then b, and is asked at every b whether one more b comes or the"
        " end, “.”; it learned n of 1 to 50. At an a it is asked nothing.",
        "zh": "读 n 个 a，再读 b；每读一个 b 都要回答接下来还是 b，还是结束“.”；学过的 n 为 1 到"
        " 50。读 a 时不提问。",
    },
    "counting_gru": {
        "en": "The same data, steps, optimiser and rate as the LSTM's.",
        "zh": "数据、更新次数、优化器和学习率都与 LSTM 相同。",
    },
    "copy_lstm_chrono": {
        "en": "Reads three letters, waits a hundred steps, and gives the letters back, one at each"
        " “?”. Forget and input gates start with time scales of 1 to 100 steps (Tallec and"
        " Ollivier 2018).",
        "zh": "读三个字母，等待一百步，然后每遇到一个“?”就依次报出一个字母。遗忘门和输入门的初始时"
        "间尺度为 1 到 100 步（Tallec、Ollivier，2018）。",
    },
    "copy_lstm": {
        "en": "The same data, steps, optimiser and rate as the one with chrono initialisation, but"
        " PyTorch's start with 1 added to the forget bias: it stays at chance.",
        "zh": "数据、更新次数、优化器和学习率都与 chrono 初始化的那个相同，只是用 PyTorch 的默认初"
        "始化并把遗忘门偏置加 1；准确率一直停在随机水平。",
    },
    "reber_lstm": {
        "en": "Reads one word of the embedded Reber grammar after the other and expects the next"
        " symbol; where a word ends it is not told.",
        "zh": "一个接一个地读嵌套 Reber 语法的词，预测下一个符号；没有人告诉它一个词在哪里结束。",
    },
    "reber_lstm_no_forget": {
        "en": "The same data, steps, optimiser and rate, but the LSTM of 1997, which has no forget"
        " gate.",
        "zh": "数据、更新次数、优化器和学习率都相同，只是用 1997 年没有遗忘门的 LSTM。",
    },
    "choices_gru": {
        "en": "Reads which side a learner chose, L or R, in small letters where it did not pay,"
        " and says which side the learner chooses next. The learner follows Q-learning, with"
        " chance in it: nobody can be right every time.",
        "zh": "读入一个学习者选了哪一边（L 左，R 右；没有得到奖励时用小写），说出它下一次选哪边。"
        "这个学习者按 Q 学习行动，带有随机性：谁也不可能每次都猜对。",
    },
    "parity_linear_rnn_signed": {
        "en": "Says after every digit whether the ones so far are even or odd. Its gate is a tanh:"
        " a one turns the sign of the state.",
        "zh": "每读一个数字，说出到目前为止 1 的个数是偶数还是奇数。它的门用 tanh：读到 1 时状态变"
        "号。",
    },
    "parity_linear_rnn": {
        "en": "The same data, steps, optimiser and rate, but a gate between 0 and 1, which can"
        " only let the state fade: it stays at chance.",
        "zh": "数据、更新次数、优化器和学习率都相同，只是门在 0 与 1 之间，只能让状态衰减；准确率"
        "一直停在随机水平。",
    },
}

_MADE = {
    "data": {
        "en": "drawn at random for this project, as many as needed",
        "zh": "为本项目随机生成，数量不限",
    },
    "licence": "Apache-2.0",
}

DATA = {
    "next_character": {
        "data": {
            "en": "Lewis Carroll, “Alice's Adventures in Wonderland” (1865), from the Canterbury"
            " corpus' alice29.txt as shipped in the source package of brotli 1.2.1",
            "zh": "刘易斯·卡罗尔《爱丽丝梦游仙境》（1865），取自 brotli 1.2.1 源码包"
            "所带的 Canterbury 语料 alice29.txt",
        },
        "licence": "public domain",
    },
    "languages": {
        "data": {
            "en": "surnames of eight locales from the package Faker 40.54.0",
            "zh": "Faker 40.54.0 软件包中八个地区的姓氏",
        },
        "licence": "MIT",
    },
    **dict.fromkeys(
        (
            "brackets",
            "adding",
            "temporal_order",
            "flip_flop",
            "sines",
            "counting",
            "copy",
            "reber",
            "parity",
            "choices",
        ),
        _MADE,
    ),
}

EXAMPLES = {
    "next_character": (
        'The White Rabbit looked at his watch, and said "I shall be late!" and ran on.',
        '"Who are you?" said the Caterpillar (it was the largest that Alice had seen).',
    ),
    "brackets": ("([]{})(([{}]{[()]})[{}])({[()()]}[{}])[({[]})]", "(((([]))))()()"),
    "temporal_order": (
        "acbdaXbdcabdcabbdcadbcaabdcYdbacabdcbacdabcadbcabd",
        "bbdcadYcabdcaabdbcadcbdaacdYbcaadbcbdacbdaacbdcabd",
    ),
    "languages": ("Schneider", "Lehtinen", "Petrović", "Fernández"),
    "counting": ("a" * 12 + "b" * 12, "aaaabbbb", "a" * 60 + "b" * 60),
    "copy": ("abd" + "-" * 100 + "???", "cca" + "-" * 100 + "???"),
    "reber": (
        "BTBTXSETEBPBPVVEPEBTBPTTVPSETEBPBTSXXTVVEPEBTBTSXSETEBPBPTVVEPE",
        "BPBTXXVVEPEBTBPVPSETE",
    ),
    "parity": ("1111111000011001010010001010011111111101", "0001000"),
    "choices": ("lrLLLLLLllRRrrlRlRrlRRrRRrRRRRrrRlrRRrrr", "LLLLlLLlllRrRRRRrrrLlLLL"),
}
