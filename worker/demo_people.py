"""Who works in the demo centre and who phones it: invented people with telephone numbers that nobody has."""

from datetime import date
from typing import Any

from stdnum.ru import inn

from schemas import snils
from schemas.message import MessageChannel
from schemas.staff import Role
from schemas.subscriber import SubscriberType
from store.subscriber import Subscriber

LOGINS = {
    "olga": ("Ольга Петровна Смирнова", (Role.OPERATOR,)),
    "petr": ("Пётр Алексеевич Журавлёв", (Role.OPERATOR,)),
    "vera": ("Вера Николаевна Соколова", (Role.SUPERVISOR, Role.OPERATOR)),
    "admin": ("Антон Сергеевич Королёв", (Role.ADMINISTRATOR,)),
    "guest": ("Галина Юрьевна Быстрова", (Role.KNOWLEDGE_USER,)),
}
"""Those whose logins are printed: one at least for every role."""

COLLEAGUES = {
    "nina": ("Нина Фёдоровна Щербакова", (Role.OPERATOR,)),
    "timur": ("Тимур Рашидович Гайнутдинов", (Role.OPERATOR,)),
    "alyona": ("Алёна Игоревна Королёва", (Role.OPERATOR,)),
}
"""Those who only make the journal of a supervisor believable."""

QUEUES = {
    "Единая справочная": (("122", "+78000000122"), ("olga", "petr", "vera", "nina", "timur", "alyona")),
    "Регистрация недвижимости": (("+78000000201",), ("petr", "nina", "vera")),
    "Социальные выплаты": (("+78000000202",), ("olga", "timur", "alyona")),
}
"""Queue → its public numbers and the logins that serve it."""

GREETING = "{time_of_day}! Единая справочная, меня зовут {operator}. Чем могу помочь?"
POLICIES: dict[str, dict[str, Any]] = {
    "Единая справочная": {"priority": 10, "talk_norm_seconds": 300, "wait_seconds": 300, "greeting": GREETING},
    "Регистрация недвижимости": {"talk_norm_seconds": 420, "post_processing_seconds": 180, "greeting": GREETING},
    "Социальные выплаты": {
        "talk_norm_seconds": 300,
        "post_processing_seconds": 120,
        "hours": {
            **{day: [["08:00", "20:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
            "sat": [["08:00", "14:00"]],
            "sun": [],
            "holidays": {"2026-12-31": [["08:00", "15:00"]], "2027-01-01": []},
        },
    },
}
"""Queue → what its settings say beyond the defaults; only the last one closes for the night."""

REASONS = {
    "Статус заявления": ("Назван срок готовности.", "Заявление на рассмотрении в ведомстве.", ""),
    "Запись на приём": ("Записали на ближайшее свободное время.", "Предложено прийти в субботу.", ""),
    "Консультация по услуге": ("Перечислены документы.", "Рассказали о подаче через портал.", ""),
    "Готовность документов": ("Документы можно забрать.", "Документы ещё не поступили.", ""),
    "График работы": ("", "", "Назван график в праздники."),
    "Изменение данных": ("Исправили телефон в карточке.", "Нужен личный визит с паспортом."),
    "Жалоба": ("Долго ждали в очереди на приём, извинились.", "Просит ответ руководителя в письменном виде."),
    "Вопрос другого ведомства": ("Дали телефон социального фонда.", ""),
    "Ошибочный звонок": ("",),
}
"""Reason → what operators write beside it."""

TEMPLATES = (
    (MessageChannel.SMS, "Документы готовы", "", "{{ имя }}, документы готовы. Возьмите паспорт. {{ центр }}"),
    (MessageChannel.SMS, "Не дозвонились", "", "Мы не смогли до вас дозвониться. Перезвоните нам: 122. {{ центр }}"),
    (
        MessageChannel.EMAIL,
        "Перечень документов",
        "Какие документы взять с собой",
        "Здравствуйте, {{ имя }}!\n\nВозьмите с собой паспорт и СНИЛС.\n\n{{ оператор }}, {{ центр }}",
    ),
)
"""Channel, name, subject and text of what operators begin a message with."""

LUNCH, REST = "Обед", "Отдых"
BREAK_REASONS = (LUNCH, REST, "Учёба", "Техника", "Совещание")

PEOPLE = """
Анна Сергеевна Белова|1988-03-14|+79161234567
Иван Кузьмич Ёлкин|1951-11-02|+79000000102
Мария Ильинична Ёлкина|1954-06-21|+79000000102
Семён Артёмович Воробьёв|1979-01-30|+79000000103
Алёна Дмитриевна Воробьёва|1982-08-08|+79000000104
Абдурахман Магомедрасулович Гаджимагомедов-Абдулазизов|1990-05-19|+79000000105
Людмила Аркадьевна Савельева|1947-09-12|+79000000106
Николай Петрович|1939-02-23|+79000000107
Ксения Андреевна Романова|1995-12-01|+79000000108
Фёдор Михайлович Тёмкин|1966-07-17|+79000000109
Юлия Олеговна Панфёрова|1991-04-04|+79000000110
Рустам Ильдарович Хабибуллин|1985-10-28|+79000000111
Тамара Васильевна Ильина|1949-05-09|+79000000112
Глеб Романович Ильин|2001-02-11|+79000000112
Оксана Викторовна Дегтярёва|1977-03-03|+79000000113
Пётр Ильич Зайцев|1960-06-06|+79000000114
Екатерина Александровна Преображенская-Вознесенская|1983-09-25|+79000000115
Виталий Юрьевич Ким|1972-12-19|+79000000116
Зоя Прохоровна Трёхгубова|1944-01-07|+79000000117
Артур Каренович Саргсян|1987-08-15|+79000000118
Наталья Геннадьевна Щукина|1969-11-11|+79000000119
Егор Валерьевич Лысенко|1998-05-30|+79000000120
Валентина Степановна Кочеткова|1952-10-10|+79000000121
Дарья Максимовна Соловьёва|1993-07-22|+79000000122
Борис Львович Штейн|1958-04-13|+79000000123
Любовь Тимофеевна Чернышёва|1956-02-02|+79000000124
Михаил Евгеньевич Жданов|1980-06-14|+79000000125
Айгуль Маратовна Нургалиева|1989-09-09|+79000000126
Сергей Сергеевич Семёнов|1974-03-27|+79000000127
Инна Борисовна Цветкова|1963-12-31|+79000000128
""".strip()

FIRMS = """
ООО «Жилкомсервис № 3»|company|+78000000301
ООО «Межрегиональное агентство кадастровых работ и землеустроительной экспертизы»|company|+78000000302
АО «Тёплый дом»|company|+78000000303
СНТ «Берёзка-2»|company|+78000000304
Общественная организация ветеранов Заречного района|company|+78000000305
ИП Королёв Денис Андреевич|entrepreneur|+79000000131
ИП Гусева Елена Павловна|entrepreneur|+79000000132
ИП Мкртчян Арам Ашотович|entrepreneur|+79000000133
ИП Щеглова Вера Тихоновна|entrepreneur|+79000000112
ООО «Юридическая помощь населению»|company|+78000000306
""".strip()


REGIONS = ("Ярославская область", "Ярославская область", None, "Вологодская область", "Омская область")


def subscribers() -> list[Subscriber]:
    """Return the cards: persons, firms and entrepreneurs, some of whom share a telephone."""
    return [*map(person, PEOPLE.splitlines()), *map(firm, FIRMS.splitlines())]


def person(line: str) -> Subscriber:
    name, born, phone = line.split("|")
    number = f"99{int(phone[-6:]):07d}"  # a СНИЛС and an ИНН that nobody has
    return Subscriber(
        full_name=name,
        birth_date=date.fromisoformat(born),
        passport=f"00 00 {int(phone[-6:]):06d}",
        snils=f"{number}{snils.control_of(number):02d}",
        mobile_phone=phone,
        region=REGIONS[int(phone[-2:]) % len(REGIONS)],
    )


def firm(line: str) -> Subscriber:
    name, kind, phone = line.split("|")
    known: dict[str, Any] = {"full_name": name, "contact_phone": phone, "email": f"tel{phone[-4:]}@example.ru"}
    if kind == SubscriberType.COMPANY:
        number = f"00{int(phone[-4:]):07d}"
        code, state = f"{number}{inn.calc_company_check_digit(number)}", f"12600{int(phone[-4:]):07d}"
        registered: dict[str, Any] = {"inn": code, "kpp": f"{code[:4]}01001", "ogrn": f"{state}{int(state) % 11 % 10}"}
    else:
        number = f"00{int(phone[-4:]):08d}"
        registered = {"inn": f"{number}{inn.calc_personal_check_digits(number)}"}
    return Subscriber(type=SubscriberType(kind), **known, **registered)
