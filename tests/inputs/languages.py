"""Sentences and column names of 27 languages, and the charsets in which their files come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Written(NamedTuple):
    """A language's column names, two categories of a column, and a sentence or two."""

    language: str
    charsets: tuple[str, ...]
    names: str
    categories: tuple[str, str]
    prose: str

    @property
    def table(self) -> str:
        rows = (f"2024-01-{i + 1:02},{i * 1.5},{self.categories[i % 2]}\n" for i in range(12))
        return f"{self.names}\n{''.join(rows)}"

    @property
    def numbers(self) -> str:
        """A table whose column names alone have letters."""
        return f"{self.names}\n" + "".join(f"{i},{i + 0.5},{i * 2}\n" for i in range(50))


def texts() -> Iterator[tuple[str, str, str]]:
    """Language, charset and text: tables, numbers under a header, prose short and long."""
    for written in LANGUAGES:
        for charset in written.charsets:
            for text in (written.table, written.numbers, written.prose, written.prose * 20):
                yield written.language, charset, text


LANGUAGES = (
    Written(
        "german",
        ("cp1252", "iso8859-15", "cp850", "mac-roman", "iso8859-1"),
        "Zählwert,Größe,Wetter",
        ("trüb", "schön"),
        "Grüße aus Köln. Die Bäume blühen schon, und über den Dächern hängt süßer Duft von Äpfeln.",
    ),
    Written(
        "french",
        ("cp1252", "iso8859-1", "iso8859-15", "mac-roman", "cp850"),
        "date,température,météo",
        ("dégagé", "pluvieux à l'est"),
        "C'était un bel été à la plage; le garçon mangeait une crème glacée près de la "
        "forêt où l'on entend les oiseaux.",
    ),
    Written(
        "spanish",
        ("cp1252", "iso8859-1"),
        "año,estación,presión",
        ("otoño", "invierno"),
        "El niño salió por la mañana; la señora preguntó qué había pasado y él contestó: ¡nada!",
    ),
    Written(
        "portuguese",
        ("cp1252", "iso8859-1"),
        "data,estação,precipitação",
        ("verão", "inverno"),
        "Não há previsão de chuva para a região; a estação de medição está em manutenção "
        "até amanhã.",
    ),
    Written(
        "swedish",
        ("cp1252", "iso8859-1"),
        "år,temperatur,väder",
        ("blåsigt", "snö"),
        "På våren växer gräset högt och ån flyter över ängarna där får går på bete.",
    ),
    Written(
        "polish",
        ("cp1250", "iso8859-2"),
        "data,wartość,pogoda",
        ("słonecznie", "deszcz ze śniegiem"),
        "Zażółć gęślą jaźń. Dzisiaj będzie ładna pogoda, a wieczorem możliwe są krótkie "
        "opady śniegu.",
    ),
    Written(
        "czech",
        ("cp1250", "iso8859-2"),
        "datum,množství,počasí",
        ("jasno", "déšť"),
        "Příliš žluťoučký kůň úpěl ďábelské ódy, zatímco večer přišel déšť a vítr zesílil.",
    ),
    Written(
        "hungarian",
        ("cp1250", "iso8859-2"),
        "dátum,hőmérséklet,időjárás",
        ("felhős", "esős"),
        "Árvíztűrő tükörfúrógép. Ma reggel hűvös idő volt, délután azonban kisütött a "
        "nap és felmelegedett a levegő.",
    ),
    Written(
        "romanian",
        ("cp1250", "iso8859-2"),
        "dată,presiune,vreme",
        ("înnorat", "ceaţă"),
        "Astăzi va fi frumos în toată ţara, iar mâine sunt aşteptate ploi şi vânt "
        "puternic la munte.",
    ),
    Written(
        "russian",
        ("cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5"),
        "дата,температура,погода",
        ("ясно", "дождь"),
        "Сегодня утром был сильный туман, а к вечеру ветер усилился и пошёл дождь.",
    ),
    Written(
        "ukrainian",
        ("cp1251", "koi8-u"),
        "дата,значення,погода",
        ("ясно", "дощ і вітер"),
        "Сьогодні вранці був сильний туман, а ввечері вітер посилився і почався дощ. Її "
        "очікували всі.",
    ),
    Written(
        "bulgarian",
        ("cp1251",),
        "дата,стойност,време",
        ("ясно", "дъжд"),
        "Днес времето ще бъде предимно слънчево, а утре се очакват валежи от дъжд и силен вятър.",
    ),
    Written(
        "greek",
        ("cp1253", "iso8859-7"),
        "ημερομηνία,θερμοκρασία,καιρός",
        ("αίθριος", "βροχή"),
        "Σήμερα ο καιρός είναι αίθριος, αλλά αύριο αναμένονται βροχές και ισχυροί άνεμοι "
        "στη θάλασσα.",
    ),
    Written(
        "turkish",
        ("cp1254", "iso8859-9"),
        "gün,sıcaklık,yağış",
        ("güneşli", "yağmurlu"),
        "Bugün hava güneşli olacak, yarın ise şiddetli yağış ve güçlü rüzgâr bekleniyor. "
        "Çocuklar dışarıda.",
    ),
    Written(
        "hebrew",
        ("cp1255", "iso8859-8"),
        "תאריך,טמפרטורה,מזג אוויר",
        ("בהיר", "גשם"),
        "היום יהיה בהיר ברוב חלקי הארץ, ומחר צפוי גשם ורוחות חזקות לאורך החוף.",
    ),
    Written(
        "arabic",
        ("cp1256", "iso8859-6"),
        "التاريخ,الحرارة,الطقس",
        ("غائم", "ممطر"),
        "الطقس اليوم مشمس في معظم المناطق، وغدا تهطل الامطار وتهب رياح قوية على الساحل.",
    ),
    Written(
        "persian",
        ("cp1256",),
        "تاريخ,دما,هوا",
        ("آفتابي", "باراني"),
        "هوا امروز در بيشتر مناطق آفتابي است و فردا باران و باد شديد پيش بيني مي شود.",
    ),
    Written(
        "thai",
        ("tis-620", "cp874"),
        "วันที่,อุณหภูมิ,อากาศ",
        ("แจ่มใส", "ฝนตก"),
        "วันนี้อากาศแจ่มใสเกือบทั่วประเทศ พรุ่งนี้คาดว่าจะมีฝนตกและลมแรงตามแนวชายฝั่ง",
    ),
    Written(
        "japanese",
        ("cp932", "shift_jis", "euc-jp", "iso2022_jp"),
        "日付,気温,天気",
        ("晴れ", "くもり"),
        "今日は全国的に晴れますが、明日は雨が降り、海沿いでは風が強くなるでしょう。",
    ),
    Written(
        "korean",
        ("cp949", "euc-kr", "iso2022_kr"),
        "날짜,온도,날씨",
        ("맑음", "흐림"),
        "오늘은 전국이 대체로 맑겠으나 내일은 비가 내리고 해안에는 바람이 강하게 불겠습니다.",
    ),
    Written(
        "simplified",
        ("gb18030", "gbk", "gb2312"),
        "日期,气温,天气",
        ("晴", "多云"),
        "今天全国大部分地区天气晴朗，明天将有降雨，沿海地区风力较强。",
    ),
    Written(
        "traditional",
        ("big5", "cp950"),
        "日期,氣溫,天氣",
        ("晴", "多雲"),
        "今天全國大部分地區天氣晴朗，明天將有降雨，沿海地區風力較強。",
    ),
    Written(
        "latvian",
        ("cp1257", "iso8859-13"),
        "datums,vērtība,laiks",
        ("saulains", "lietus un vējš"),
        "Šodien gaidāms saulains laiks, bet rīt līs lietus un pūtīs stiprs vējš. Ģimenes ūdenī.",
    ),
    Written(
        "english",
        ("cp1252",),
        "date,temp °C,note",
        ("“fine”", "it’s raining – hard"),
        "It’s a fine day – the café’s terrace is full, “said” the waiter; 20 °C, £5.",
    ),
    Written(
        "icelandic",
        ("cp1252",),
        "dagur,hiti,veður",
        ("þurrt", "rigning og þoka"),
        "Í dag verður bjart veður víðast hvar á landinu en á morgun má búast við "
        "rigningu og þoku við ströndina.",
    ),
    Written(
        "estonian",
        ("cp1257",),
        "kuupäev,väärtus,ilm",
        ("päikeseline", "vihm"),
        "Täna on päikeseline ilm, aga homme sajab vihma ja puhub tugev tuul. Öösel külmem.",
    ),
    Written(
        "danish",
        ("cp1252",),
        "år,måling,vejr",
        ("blæst", "sol på øen"),
        "I dag bliver det solrigt på øerne, men i morgen venter vi regn og kraftig blæst "
        "ved kysten.",
    ),
)
