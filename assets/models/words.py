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
    **dict.fromkeys(("brackets", "adding", "temporal_order", "flip_flop", "sines"), _MADE),
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
}
