"""Institutions, parties and places whose names every language says in its own words, "the White House".

By its capitals each word looks like the name of somebody, which is copied, and a small model that is made to keep them
writes "la House White". Names are those of the style books: Fundéu and Libro de estilo of El País; Manual da redação
of Folha de S. Paulo, Manual de Comunicação of the Senado Federal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from .counterparts import Counterpart
from .inflection import without_accents

_ROWS = """
Coast Guard = f Guardia Costera/guarda ?costas? = f Guarda Costeira
National Guard = f Guardia Nacional = f Guarda Nacional
Air Force = f Fuerza Aérea/fuerzas aereas|aviacion = f Força Aérea/aeronautica
Royal Air Force = f Fuerza Aérea Real/real fuerza aerea|raf = f Força Aérea Real/real forca aerea|raf
Royal Navy = f Marina Real/armada|marina = f Marinha Real/real marinha|marinha
Marine Corps = m Cuerpo de Marines/infanteria de marina|marines = m Corpo de Fuzileiros/fuzileiros
Border Patrol = f Patrulla Fronteriza = f Patrulha de Fronteira/patrulha d\\w+ fronteira|fronteirica
Highway Patrol = f Policía de Carreteras/patrulla|carretera = f Polícia Rodoviária/patrulha|rodoviaria
Secret Service = m Servicio Secreto/servicios secretos = m Serviço Secreto/servicos secretos
Fire Department = m Cuerpo de Bomberos/bomberos = m Corpo de Bombeiros/bombeiros
Police Department = m Departamento de Policía/policia = m Departamento de Polícia/policia|delegacia
State Department = m Departamento de Estado = m Departamento de Estado
Department of State = m Departamento de Estado = m Departamento de Estado
Justice Department = m Departamento de Justicia = m Departamento de Justiça
Department of Justice = m Departamento de Justicia = m Departamento de Justiça
Treasury Department = m Departamento del Tesoro/tesoro|hacienda = m Departamento do Tesouro/tesouro
Defense Department = m Departamento de Defensa = m Departamento de Defesa
Department of Defense = m Departamento de Defensa = m Departamento de Defesa
Homeland Security = f Seguridad Nacional/seguridad \\w+ = f Segurança Interna/seguranca \\w+
Health Department = m Departamento de Salud/sanidad|departamento de \\w+ = m Departamento de Saúde
Home Office = m Ministerio del Interior/home office = m Ministério do Interior/home office
Foreign Office = m Ministerio de Exteriores/asuntos exteriores = m Ministério do Exterior/relacoes exteriores
Supreme Court = m Tribunal Supremo/corte suprema|suprema corte|supremo = m Supremo Tribunal/suprem[oa]
White House = f Casa Blanca = f Casa Branca
Oval Office = m Despacho Oval/oficina oval = m Salão Oval/oval
House of Commons = f Cámara de los Comunes/comunes = f Câmara dos Comuns/comuns
House of Lords = f Cámara de los Lores/lores = f Câmara dos Lordes/lordes|lords
House of Representatives = f Cámara de Representantes/representantes = f Câmara dos Representantes/deputados
Red Cross = f Cruz Roja = f Cruz Vermelha
Salvation Army = m Ejército de Salvación = m Exército da Salvação/exercito de salvacao
World Bank = m Banco Mundial = m Banco Mundial
Central Bank = m Banco Central = m Banco Central
Federal Reserve = f Reserva Federal/fed = f Reserva Federal/fed|federal reserve
European Union = f Unión Europea/ue = f União Europeia/ue
European Commission = f Comisión Europea = f Comissão Europeia
European Parliament = m Parlamento Europeo/eurocamara = m Parlamento Europeu
Security Council = m Consejo de Seguridad = m Conselho de Segurança
Labour Party = m Partido Laborista/laboris\\w+ = m Partido Trabalhista/trabalhis\\w+
Labor Party = m Partido Laborista/laboris\\w+ = m Partido Trabalhista/trabalhis\\w+
Republican Party = m Partido Republicano = m Partido Republicano
Democratic Party = m Partido Demócrata/partido democrat\\w+ = m Partido Democrata/partido democrat\\w+
Conservative Party = m Partido Conservador = m Partido Conservador
Communist Party = m Partido Comunista = m Partido Comunista
Cold War = f Guerra Fría = f Guerra Fria
Civil War = f Guerra Civil/guerra de secesion = f Guerra Civil/guerra de secessao
Berlin Wall = m Muro de Berlín/muro = m Muro de Berlim/muro
Great Wall = f Gran Muralla/muralla = f Grande Muralha/muralha
Eiffel Tower = f Torre Eiffel = f Torre Eiffel
Statue of Liberty = f Estatua de la Libertad = f Estátua da Liberdade
Nobel Prize = m Premio Nobel/nobel = m Prêmio Nobel/nobel
World Cup = f Copa del Mundo/copa mundial|mundial = f Copa do Mundo/mundial|copa
World Series = f Serie Mundial/series mundiales = f Série Mundial/world series
Milky Way = f Vía Láctea = f Via Láctea
Black Sea = m Mar Negro = m Mar Negro
Red Sea = m Mar Rojo = m Mar Vermelho
Dead Sea = m Mar Muerto = m Mar Morto
North Pole = m Polo Norte = m Polo Norte
South Pole = m Polo Sur = m Polo Sul
Middle East = m Oriente Medio/medio oriente|oriente proximo|proximo oriente = m Oriente Médio/medio oriente
Far East = m Lejano Oriente/extremo oriente = m Extremo Oriente/oriente
"""
_STAND_INS = {
    "f": (("university", r"(?<!\w)(?i:universidade?)(?!\w)"), ("police", r"(?<!\w)(?i:polic[ií]a)(?!\w)")),
    "m": (("hospital", r"(?<!\w)(?i:hospital)(?!\w)"), ("government", r"(?<!\w)(?i:gobierno|governo)(?!\w)")),
}
"""Institutions that small models know, of either gender in both languages."""


def find_institutions(text: str, target: str) -> Iterator[Counterpart]:
    """The institutions that an English text names, for a translation into Spanish or Portuguese; none for another."""
    if target in ("es", "pt"):
        for match in _pattern().finditer(text):
            own, forms, gender = _table(target)[match[0]]
            yield Counterpart(match[0], own, rf"(?:{forms})", _STAND_INS[gender])


def without_institutions(text: str) -> str:
    """An English text with zero bytes for the institutions it names, whose words are no names of their own."""
    return _pattern().sub(lambda match: "\x00" * len(match[0]), text)


@cache
def _pattern() -> re.Pattern[str]:
    names = "|".join(sorted(map(re.escape, _table("es")), key=len, reverse=True))
    return re.compile(rf"(?<![\w'’-])(?:{names})(?![\w-])")


@cache
def _table(target: str) -> dict[str, tuple[str, str, str]]:
    """English name -> (its name, patterns of its forms, its gender)."""
    found = {}
    for row in filter(None, _ROWS.splitlines()):
        english, *cells = row.split(" = ")
        gender, _, ways = cells[target == "pt"].partition(" ")
        name, _, more = ways.partition("/")
        found[english] = (name, "|".join(filter(None, (re.escape(without_accents(name.lower())), more))), gender)
    return found
